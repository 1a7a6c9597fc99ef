package out

import "fmt"

// Text prints a text that has its own form, such as an exported file. On a
// terminal it cannot do more than print.
func (p *Printer) Text(text string) error { return p.write([]byte(p.screen(text, "\n\t"))) }

// Prompt asks a person for something on standard error, on a line that goes on.
func (p *Printer) Prompt(question string) { fmt.Fprint(p.Stderr, safe(question, "")) }

// Data prints bytes that are no text, for a file or another program.
func (p *Printer) Data(b []byte) error { return p.write(b) }
