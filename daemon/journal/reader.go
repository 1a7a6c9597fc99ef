package journal

import (
	"bytes"
	"strconv"
)

// Reader reads the order from its own place on. It is used by one goroutine.
type Reader struct {
	j       *Journal
	wants   Wants
	at      position
	durable bool // the entry before at is durable
	begin   []Frame
	ahead   []Durable // read from the store
}

// Pushed is a frame with its cursor.
type Pushed struct {
	Frame  // JSON has the cursor
	Cursor string
}

// Place is how far somebody has read.
type Place struct{ at position }

// Reached reports whether everything before q is before p.
func (p Place) Reached(q Place) bool { return p.at.reached(q.at) }

// Head returns the place behind the last entry, and its cursor.
func (j *Journal) Head() (Place, string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return Place{j.head}, j.cursor(j.head, j.durable)
}

// Place returns how far the reader is.
func (r *Reader) Place() Place { return Place{r.at} }

// Cursor returns the reader's place.
func (r *Reader) Cursor() string { return r.j.cursor(r.at, r.durable) }

// More reports whether there is something behind the reader's place.
func (r *Reader) More() bool {
	head, _ := r.j.Head()
	return len(r.begin) > 0 || !r.at.reached(head.at)
}

// loadBytes is how much is read from the store at once.
const loadBytes = 256 << 10

// maxSteps bounds how long Read takes where the reader wants little.
const maxSteps = 1000

// Read returns the frames of the next entries that the reader wants, about as
// many bytes as given, and up to count frames but for those of the last entry.
// None, and not More: it is at the end. The error is that of the store.
func (r *Reader) Read(size, count int) ([]Pushed, error) {
	var out []Pushed
	add := func(f Frame, cursor string) {
		f.JSON = withMembers(f.JSON, [][2]string{{"source", f.Source}, {"cursor", cursor}})
		out = append(out, Pushed{f, cursor})
		size -= len(f.JSON)
	}
	for _, f := range r.begin {
		add(f, r.Cursor())
	}
	r.begin = nil
	for steps := 0; steps < maxSteps && size > 0 && len(out) < count; steps++ {
		s := r.j.next(r.at)
		switch {
		case s.end:
			return out, nil
		case s.missed > 0:
			r.at.m += s.missed
			r.durable = false
			if r.wants.memory() {
				add(lagged(s.missed), r.Cursor())
			}
		case s.passing != nil:
			r.at.m++
			r.durable = false
			if r.wants.frame(*s.passing) {
				add(*s.passing, r.Cursor())
			}
		default:
			d, err := r.load(s)
			if err != nil {
				return out, err
			}
			before := r.Cursor()
			if d.N > r.at.r+1 { // pruned while it read
				r.at.r = d.N - 1
				add(reset(TooOld), r.Cursor())
				continue
			}
			r.at.r, r.durable = d.N, true
			r.pushDurable(d, before, add)
		}
	}
	return out, nil
}

// pushDurable adds the frames of an entry. All but the last carry the cursor
// before it: who has only these gets the entry again.
func (r *Reader) pushDurable(d Durable, before string, add func(Frame, string)) {
	old := d.Late || r.j.o.Now().Sub(d.At) > r.j.o.Live
	wanted := d.Frames[:0:0]
	for _, f := range d.Frames {
		if r.wants.frame(f) {
			if old {
				f.JSON = append(bytes.Clone(f.JSON[:len(f.JSON)-1]), `,"replayed":true}`...)
			}
			wanted = append(wanted, f)
		}
	}
	for i, f := range wanted {
		if i < len(wanted)-1 {
			add(f, before)
		} else {
			add(f, r.Cursor())
		}
	}
}

// step is what comes behind a place.
type step struct {
	end     bool
	missed  uint64   // entries that were dropped from memory
	passing *Frame   // the next entry, if it is in memory alone
	durable *Durable // the next entry where its frames are in memory
	upTo    uint64   // the last durable entry of the order
}

// next is what comes behind a place. What was dropped from memory is told where
// the next entry in memory, or the end, is.
func (j *Journal) next(p position) step {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := step{upTo: j.head.r}
	first := j.first()
	next := max(p.m+1, first)
	switch {
	case next <= j.head.m && j.memory[next-first].after <= p.r, p.r >= j.head.r && p.m < j.head.m:
		if next > p.m+1 {
			s.missed = next - p.m - 1
		} else {
			frame := j.memory[next-first].frame // its place may be cleared any time
			s.passing = &frame
		}
	case p.r >= j.head.r:
		s.end = true
	default:
		if d, ok := j.cached(p.r + 1); ok {
			s.durable = &d
		}
	}
	return s
}

// load returns the next durable entry.
func (r *Reader) load(s step) (Durable, error) {
	if s.durable != nil {
		r.ahead = nil
		return *s.durable, nil
	}
	if len(r.ahead) == 0 || r.ahead[0].N != r.at.r+1 {
		entries, oldest, err := r.j.o.Load(r.at.r+1, loadBytes)
		if err != nil {
			return Durable{}, err
		}
		if len(entries) == 0 { // all of them were pruned
			return Durable{N: max(oldest, s.upTo+1)}, nil
		}
		r.ahead = entries
	}
	d := r.ahead[0]
	if d.N == r.at.r+1 {
		r.ahead = r.ahead[1:]
	}
	return d, nil
}

// withMembers adds text members at the end of a JSON object; empty ones are left
// out.
func withMembers(object []byte, members [][2]string) []byte {
	out := make([]byte, 0, len(object)+96)
	out = append(out, object[:len(object)-1]...)
	for _, m := range members {
		if m[1] != "" {
			out = strconv.AppendQuote(append(append(append(out, `,"`...), m[0]...), `":`...), m[1])
		}
	}
	return append(out, '}')
}
