#!/bin/sh
# Do not disturb while you focus: mako.
# A hook of intercom for everything that happens in a session; docs/hooks.md
# says where it goes. It asks for the state and sets what belongs to it, so it
# may run at any time and any number of times.
# Needs makoctl, and in mako's configuration the lines
#   [mode=do-not-disturb]
#   invisible=1
set -eu
intercom focus status --exit-code >/dev/null && state=0 || state=$?
case $state in
0) # focusing
	makoctl mode -a do-not-disturb
	;;
20 | 21 | 22) # idle, a break, a pause
	makoctl mode -r do-not-disturb
	;;
*) exit "$state" ;;
esac
