package wire

import (
	"encoding/base64"
	"sort"
)

// Page is embedded by requests whose reply may be long. Without a limit the
// reply has all.
type Page struct {
	Limit int    `json:"limit,omitempty" jsonschema:"at most so many; all if absent"`
	After string `json:"after,omitempty" jsonschema:"next of the reply before: only what follows"`
}

// Next is embedded by the replies to such requests.
type Next struct {
	Next string `json:"next,omitempty" jsonschema:"what to send as after for what follows; absent: nothing does"`
}

// More says how to get what follows, or nothing.
func (n Next) More() string {
	if n.Next == "" {
		return ""
	}
	return "there are more: --after " + n.Next
}

// pageMark stands before the key in what a reply calls next, so that an empty
// key has one too and another form can follow.
const pageMark = 1

// Behind returns the key behind which the page begins, empty at the beginning.
// The error has the code InvalidRequest.
func (p Page) Behind() (string, error) {
	if p.Limit < 0 {
		return "", Errorf(InvalidRequest, "limit: %d is below 0", p.Limit)
	}
	if p.After == "" {
		return "", nil
	}
	after, err := base64.RawURLEncoding.DecodeString(p.After)
	if err != nil || len(after) == 0 || after[0] != pageMark {
		return "", Errorf(InvalidRequest, "after: %.80q is not the next of a reply", p.After)
	}
	return string(after[1:]), nil
}

// NextOf is the Next of a page that ends with a key.
func NextOf(key string) Next {
	return Next{base64.RawURLEncoding.EncodeToString(append([]byte{pageMark}, key...))}
}

// Cut returns a page of a list that is sorted by its keys, which differ: what
// comes behind the key that p.After stands for. What is added or removed
// between two pages shifts nothing. The error has the code InvalidRequest.
func Cut[T any](p Page, sorted []T, key func(T) string) ([]T, Next, error) {
	after, err := p.Behind()
	if err != nil {
		return nil, Next{}, err
	}
	if p.After != "" {
		sorted = sorted[sort.Search(len(sorted), func(i int) bool { return key(sorted[i]) > after }):]
	}
	if p.Limit == 0 || len(sorted) <= p.Limit {
		return sorted, Next{}, nil
	}
	sorted = sorted[:p.Limit]
	return sorted, NextOf(key(sorted[p.Limit-1])), nil
}
