package compat

import (
	"time"

	"intercom/internal/app"
)

// Original is that of the zero Shapes.
func Original(request string, reply any) any { return Shapes{}.Original(request, reply) }

// FocusFrames is that of the zero Shapes.
func FocusFrames(h Happening) ([]Frame, error) { return Shapes{}.FocusFrames(h) }

// ExpenseFrames is that of the zero Shapes.
func ExpenseFrames(h Happening) ([]Frame, error) { return Shapes{}.ExpenseFrames(h) }

// ExpiredFrame is that of the zero Shapes.
func ExpiredFrame(room, id string, r app.Reader, now time.Time) (Frame, bool, error) {
	return Shapes{}.ExpiredFrame(room, id, r, now)
}
