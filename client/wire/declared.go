package wire

import "reflect"

// Declared is a request with the Go types of its fields and of its reply,
// for code that ranges over requests.
type Declared struct {
	Spec
	In, Out reflect.Type
}

// Declared returns the request with its types as values.
func (d Def[Req, Rep]) Declared() Declared {
	return Declared{Spec: d.Spec, In: reflect.TypeFor[Req](), Out: reflect.TypeFor[Rep]()}
}

// None is the fields of a request that has none.
type None struct{}
