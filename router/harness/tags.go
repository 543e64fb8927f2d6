package harness

import "strings"

// kinds are the names of tags, in small letters and without - and _, that tools
// for writing programs are known to send. Wherever a name could as well be a
// person's own, as <context> is, it is material.
var kinds = map[string]kind{
	"systemreminder": aside, "systemnotification": aside, "reminder": aside, "reminderinstructions": aside, "steeringreminder": aside,
	"environmentdetails": aside, "environmentcontext": aside, "environmentinfo": aside, "environment": aside, "env": aside,
	"workspaceinfo": aside, "workspacecontext": aside, "editorcontext": aside, "idecontext": aside, "ideselection": aside,
	"ideopenedfile": aside, "idediagnostics": aside, "openfiles": aside, "openandrecentlyviewedfiles": aside, "visiblefiles": aside,
	"currentfile": aside, "projectlayout": aside, "projectstructure": aside, "gitstatus": aside, "recentedits": aside,
	"userinfo": aside, "userinstructions": aside, "userrules": aside, "userrule": aside, "implicitrules": aside, "custominstructions": aside,
	"explicitinstructions": aside, "projectinstructions": aside, "repositoryinstructions": aside, "alwaysappliedworkspacerules": aside,
	"agentskills": aside, "availableskills": aside, "manuallyattachedskills": aside, "mcpinstructions": aside, "toolinstructions": aside,
	"additionaldata": aside, "additionalmetadata": aside, "commandname": aside, "commandmessage": aside,
	"localcommandstdout": aside, "localcommandstderr": aside, "localcommandcaveat": aside, "bashinput": aside, "bashstdout": aside, "bashstderr": aside,
	"commandoutput": aside, "terminaloutput": aside, "toolresult": aside, "toolresults": aside, "tooloutput": aside, "tooluseerror": aside,
	"toolresponse": aside, "toolcall": aside, "functionresult": aside, "functionresults": aside, "functionresponse": aside, "persistedoutput": aside,
	"userpromptsubmithook": aside, "sessionstarthook": aside, "tasknotification": aside, "todolist": aside, "conversationsummary": aside,
	"memories": aside, "memory": aside, "budgettokens": aside, "tokenusage": aside, "infomsg": aside,

	"context": material, "instructions": material, "rules": material, "attachments": material, "attachment": material, "attachedfiles": material,
	"file": material, "files": material, "filecontent": material, "filecontents": material, "foldercontent": material, "urlcontent": material,
	"document": material, "documents": material, "documentcontents": material, "selection": material, "codeselection": material,
	"diagnostics": material, "searchresults": material, "data": material, "background": material, "observation": material,

	"task": wrapper, "userquery": wrapper, "userrequest": wrapper, "usermessage": wrapper, "userinput": wrapper, "userprompt": wrapper,
	"userquestion": wrapper, "query": wrapper, "question": wrapper, "request": wrapper, "prompt": wrapper, "feedback": wrapper,
	"commandargs": wrapper, "answer": wrapper,
}

// maxTag bounds, in bytes, how long a tag with its attributes is read.
const maxTag = 512

// opened is a tag that waits for its end.
type opened struct {
	name         string
	start, inner int
}

// find gives the complete blocks of known names. Of tags that overlap without
// lying inside of each other, the one that was never closed is plain text.
func find(text string) []block {
	var blocks []block
	var stack []opened
	waiting := map[string]int{} // how many of each name are on the stack
	for at := 0; ; {
		next := strings.IndexByte(text[at:], '<')
		if next < 0 {
			return blocks
		}
		at += next
		name, closing, length := readTag(text[at:])
		if length == 0 || kinds[name] == unknown {
			at++
			continue
		}
		if !closing {
			stack = append(stack, opened{name: name, start: at, inner: at + length})
			waiting[name]++
			at += length
			continue
		}
		if waiting[name] > 0 {
			top := pop(&stack, waiting, name)
			blocks = append(blocks, block{start: top.start, inner: top.inner, innerEnd: at, end: at + length, kind: kinds[name]})
		}
		at += length
	}
}

// pop takes the innermost tag of that name off the stack, and those above it,
// which were never closed.
func pop(stack *[]opened, waiting map[string]int, name string) opened {
	for {
		last := len(*stack) - 1
		top := (*stack)[last]
		*stack = (*stack)[:last]
		waiting[top.name]--
		if top.name == name {
			return top
		}
	}
}

// readTag reads the tag that a text begins with: its name in the form of kinds,
// and how long it is; 0 when it is none, or stands for itself as <x/> does.
func readTag(text string) (name string, closing bool, length int) {
	end := strings.IndexByte(text[:min(len(text), maxTag)], '>')
	if end < 2 {
		return "", false, 0
	}
	inside := text[1:end]
	if inside[0] == '/' {
		closing, inside = true, inside[1:]
	}
	if inside == "" || strings.HasSuffix(inside, "/") || strings.IndexByte(inside, '<') >= 0 {
		return "", false, 0
	}
	raw := inside
	if i := strings.IndexAny(inside, " \t\r\n"); i >= 0 {
		raw = inside[:i]
	}
	return plainName(raw), closing, end + 1
}

// plainName makes <System-Reminder> and <system_reminder> one name.
func plainName(raw string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == '_' || r == ':':
			return -1
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, raw)
}
