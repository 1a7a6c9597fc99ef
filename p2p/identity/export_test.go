package identity

// What the tests look at beside the interface: steps between mnemonic and key,
// the parser without a disk, and the writer on a file system without links.
var (
	English    = english
	Words      = mnemonic
	Seed       = seed
	Derive     = derive
	FullPath   = fullPath
	ParsePath  = parsePath
	ParseFile  = parseFile
	WriteNew   = writeNew
	ReadWallet = readWallet
)
