package atomicfile

// SyncDir does nothing: Windows makes names durable by itself and has no such call.
func SyncDir(string) error { return nil }
