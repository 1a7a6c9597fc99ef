package expense

import (
	"cmp"
	"container/heap"
)

// payInOrder lets debtors pay creditors, both in the order of the group, which
// is by member. Within a zero-sum group that has no smaller one inside, paying
// the first line leaves the other lines as they are: a zero-sum part that
// appeared would have been one before.
func payInOrder(group []Balance) []Transfer {
	debtors, creditors := sides(group)
	var plan []Transfer
	for len(debtors) > 0 && len(creditors) > 0 {
		plan = append(plan, payOne(&debtors[0], &creditors[0]))
		if debtors[0].Amount.IsZero() {
			debtors = debtors[1:]
		}
		if creditors[0].Amount.IsZero() {
			creditors = creditors[1:]
		}
	}
	return plan
}

// payLargestFirst lets the largest debtor pay the largest creditor, again and
// again; the lower member goes first among equals.
func payLargestFirst(group []Balance) []Transfer {
	d, c := sides(group)
	debtors, creditors := largest(d), largest(c)
	heap.Init(&debtors)
	heap.Init(&creditors)
	var plan []Transfer
	for len(debtors) > 0 && len(creditors) > 0 {
		plan = append(plan, payOne(&debtors[0], &creditors[0]))
		debtors.settle()
		creditors.settle()
	}
	return plan
}

// sides returns those who owe and those who are owed; what they owe is counted
// above zero.
func sides(group []Balance) (debtors, creditors []Balance) {
	for _, b := range group {
		if b.Amount.Sign() < 0 {
			debtors = append(debtors, Balance{b.Member, b.Amount.Neg()})
		} else {
			creditors = append(creditors, b)
		}
	}
	return debtors, creditors
}

// payOne pays as much as both sides allow, so at least one is settled.
func payOne(debtor, creditor *Balance) Transfer {
	amount := debtor.Amount
	if amount.Cmp(creditor.Amount) > 0 {
		amount = creditor.Amount
	}
	debtor.Amount = debtor.Amount.Plus(amount.Neg())
	creditor.Amount = creditor.Amount.Plus(amount.Neg())
	return Transfer{From: debtor.Member, To: creditor.Member, Amount: amount}
}

// largest is a heap with the largest amount on top.
type largest []Balance

// settle puts the top, whose amount has changed, in its place, or takes it out
// at zero.
func (h *largest) settle() {
	if (*h)[0].Amount.IsZero() {
		heap.Pop(h)
	} else {
		heap.Fix(h, 0)
	}
}

func (h largest) Len() int      { return len(h) }
func (h largest) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h largest) Less(i, j int) bool {
	return cmp.Or(h[j].Amount.Cmp(h[i].Amount), cmp.Compare(h[i].Member, h[j].Member)) < 0
}
func (h *largest) Push(x any) { *h = append(*h, x.(Balance)) }
func (h *largest) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
