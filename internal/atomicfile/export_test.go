package atomicfile

import "io/fs"

// CreateBy is Create with another way to link, for file systems without links.
func CreateBy(link func(from, to string) error, path string, data []byte, mode fs.FileMode) error {
	return write(path, bytesOf(data), mode, placer(link))
}
