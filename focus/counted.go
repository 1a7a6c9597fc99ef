package focus

// A session makes a day of somebody's streak where it was long enough and he
// was there for most of it, or said so towards its end.
const (
	countedLength  = 10 * 60 * 1000 // ms of work
	countedPercent = 80             // of the work, present
)

// long reports whether the session is one that can count.
func (s *session) long() bool { return s.worked() >= countedLength }

// countsFor reports whether the session counts for a member: it worked for 10
// minutes, and he was present for 80 percent of that or checked in during the
// session's last third.
func (s *session) countsFor(m *member) bool {
	return s.long() && (s.spent(m)*100 >= s.worked()*countedPercent || m.lastSaid >= s.end-(s.end-s.begin)/3)
}
