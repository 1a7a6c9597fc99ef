// Package compat speaks the original SC-Bridge protocol: its texts, its ids
// and JavaScript's way of reading values, so that a client written for the
// original works unchanged. Shapes and texts of the original live here alone.
package compat

import "encoding/json"

// The original's texts of the errors that do not depend on a request.
const (
	InvalidJSON    = "Invalid JSON."
	InvalidMessage = "Invalid message."
	Unauthorized   = "Unauthorized."
)

// UnknownType returns the original's text for a request of an unknown type;
// raw is the JSON value of "type", nil where the request has none.
func UnknownType(raw json.RawMessage) string { return "Unknown type: " + StringOf(raw) }
