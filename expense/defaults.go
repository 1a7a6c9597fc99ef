package expense

import (
	"intercom/internal/app"
)

func (in AddReq) withDefaults(r app.Reader) (AddReq, Split) {
	return in, Split{}
}
