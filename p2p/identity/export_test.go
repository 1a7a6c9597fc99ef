package identity

// What the tests look at beside the interface: steps between mnemonic and key
// and the parser without a disk.
var (
	English    = english
	Words      = mnemonic
	Seed       = seed
	Derive     = derive
	FullPath   = fullPath
	ParsePath  = parsePath
	ParseFile  = parseFile
	ReadWallet = readWallet
)
