package out

// Text prints a text that has its own form, such as an exported file. On a
// terminal it cannot do more than print.
func (p *Printer) Text(text string) error { return p.write([]byte(p.screen(text, "\n\t"))) }
