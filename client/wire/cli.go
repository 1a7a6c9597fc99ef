package wire

// CliReq sends a command line of the original's terminal.
type CliReq struct {
	Command string `json:"command" required:"true" jsonschema:"a command as the original's terminal took it: /sc_join --channel \"name\""`
}

// CliReply answers cli. A command that the daemon does not know does nothing
// and succeeds, as in the original.
type CliReply struct {
	Command string   `json:"command"`
	OK      bool     `json:"ok"`
	Output  []string `json:"output" jsonschema:"what the command printed, by line"`
	Error   *string  `json:"error" jsonschema:"why it failed; null if it did not"`
	Code    Code     `json:"code,omitempty" jsonschema:"kind of the error"`
	Result  any      `json:"result,omitempty"`
}
