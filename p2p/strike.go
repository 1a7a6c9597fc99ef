package p2p

// Strike counts an offence of a peer that was found outside its frames, in a
// stream. Three within five seconds block it, like frames that were rejected.
func (n *Node) Strike(k Key) {
	if id, err := peerID(k); err == nil {
		n.strike(id)
	}
}
