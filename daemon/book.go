package daemon

import (
	"context"

	"intercom/internal/store"
	"intercom/p2p"
)

// bookLetter begins the keys of the address book; the ledger's letters are in
// its own list.
const bookLetter = 'b'

// book keeps the node's address book in the store.
type book struct{ store *store.Store }

var _ p2p.Book = book{}

// Load calls f with every row.
func (b book) Load(f func(k p2p.Key, row []byte)) error {
	return b.store.View(func(r store.Reader) error {
		return r.Scan([]byte{bookLetter}, nil, func(k, v []byte) bool {
			if len(k) == 1+len(p2p.Key{}) {
				f(p2p.Key(k[1:]), v)
			}
			return true
		})
	})
}

// Save replaces rows; nil takes one away.
func (b book) Save(ctx context.Context, rows map[p2p.Key][]byte) error {
	return b.store.Update(ctx, func(tx *store.Tx) error {
		for k, row := range rows {
			key := append([]byte{bookLetter}, k[:]...)
			if row == nil {
				tx.Delete(key)
			} else {
				tx.Put(key, row)
			}
		}
		return nil
	})
}
