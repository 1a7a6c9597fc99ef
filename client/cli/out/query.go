package out

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"unicode/utf8"

	"github.com/itchyny/gojq"

	"intercom/client/wire"
)

// compileJQ returns nil for no expression.
func compileJQ(expr string) (*gojq.Code, error) {
	if expr == "" {
		return nil, nil
	}
	query, err := gojq.Parse(expr)
	if err != nil {
		e := wire.Errorf(wire.InvalidRequest, "--jq: %v", err)
		if parse, ok := errors.AsType[*gojq.ParseError](err); ok {
			at := min(max(0, parse.Offset-len(parse.Token)), len(expr))
			e = wire.Errorf(wire.InvalidRequest, "--jq: %v at character %d of %q",
				err, 1+utf8.RuneCountInString(expr[:at]), expr)
		}
		return nil, e.WithHint("intercom help formatting")
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, wire.Errorf(wire.InvalidRequest, "--jq: %v in %q", err, expr).WithHint("intercom help formatting")
	}
	return code, nil
}

// jq prints the results of the expression, one a line: strings as they are,
// everything else as compact JSON.
func (p *Printer) jq(b *bytes.Buffer, document []byte) error {
	code, err := compileJQ(p.Options.JQ)
	if err != nil {
		return err
	}
	data, err := decode(document)
	if err != nil {
		return err
	}
	results := code.Run(data)
	for n := 1; ; n++ {
		result, ok := results.Next()
		if !ok {
			return nil
		}
		switch r := result.(type) {
		case error:
			if halt, ok := errors.AsType[*gojq.HaltError](r); ok && halt.Value() == nil {
				return nil
			}
			return wire.Errorf(wire.InvalidRequest, "--jq: %v at result %d of %q", r, n, p.Options.JQ).
				WithHint("print the document with --json")
		case string:
			b.WriteString(p.screen(r, "\n\t"))
		default:
			raw, err := gojq.Marshal(r)
			if err != nil {
				return fmt.Errorf("encode result of --jq: %w", err)
			}
			b.Write(safeJSON(raw))
		}
		b.WriteByte('\n')
	}
}

// screen returns s as it is for a file, escaped for a terminal.
func (p *Printer) screen(s, keep string) string {
	if !p.Terminal.Tty {
		return s
	}
	return safe(s, keep)
}

const templateName = "--template" // in the errors of text/template, before the line

// parseTemplate returns nil for no text. Templates see the keys of the JSON;
// json VALUE shows a part as compact JSON, clock SECONDS a time as Clock does.
func parseTemplate(text string) (*template.Template, error) {
	if text == "" {
		return nil, nil
	}
	t, err := template.New(templateName).Funcs(template.FuncMap{"json": templateJSON, "clock": templateClock}).Parse(text)
	if err != nil {
		return nil, templateError(err)
	}
	return t, nil
}

// Clock returns a number of seconds as a countdown shows it: 4:05, 1:30:00.
func Clock(seconds int) string {
	if seconds < 3600 {
		return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

// templateClock shows what is absent from the document as nothing.
func templateClock(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case int:
		return Clock(v), nil
	}
	return "", fmt.Errorf("clock takes seconds, not %v", v)
}

func templateJSON(v any) (string, error) {
	b, err := encode(v)
	return string(b), err
}

func templateError(err error) error {
	text := strings.TrimPrefix(err.Error(), "template: "+templateName+":")
	return wire.Errorf(wire.InvalidRequest, "--template: line %s", text).WithHint("intercom help formatting")
}

// template ends what it prints with a newline.
func (p *Printer) template(b *bytes.Buffer, document []byte) error {
	t, err := parseTemplate(p.Options.Template)
	if err != nil {
		return err
	}
	data, err := decode(document)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := t.Execute(&text, data); err != nil {
		return templateError(err)
	}
	if text.Len() > 0 && !bytes.HasSuffix(text.Bytes(), []byte{'\n'}) {
		text.WriteByte('\n')
	}
	b.WriteString(p.screen(text.String(), "\n\t"))
	return nil
}

// decode returns JSON as Go values whose whole numbers are exact.
func decode(document []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("decode document: %w", err)
	}
	return numbers(v), nil
}

// numbers replaces numbers in place: int where it fits, so that templates can
// compare; fractions as float64; larger ones stay as they are written.
func numbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = numbers(e)
		}
	case []any:
		for i, e := range v {
			v[i] = numbers(e)
		}
	case json.Number:
		if n, err := strconv.Atoi(string(v)); err == nil {
			return n
		}
		if digits(strings.TrimPrefix(string(v), "-")) {
			return v
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
	}
	return v
}
