package harness

import "strings"

// kinds are the names of tags, in small letters and without - and _, that tools
// for writing programs are known to send. Wherever a name could as well be a
// person's own, as <context> is, it is material.
var kinds = map[string]kind{
	"systemreminder": toolText, "systemnotification": toolText, "reminder": toolText, "reminderinstructions": toolText, "steeringreminder": toolText,
	"environmentdetails": toolText, "environmentcontext": toolText, "environmentinfo": toolText, "environment": toolText, "env": toolText,
	"workspaceinfo": toolText, "workspacecontext": toolText, "editorcontext": toolText, "idecontext": toolText, "ideselection": toolText,
	"ideopenedfile": toolText, "idediagnostics": toolText, "openfiles": toolText, "openandrecentlyviewedfiles": toolText, "visiblefiles": toolText,
	"currentfile": toolText, "projectlayout": toolText, "projectstructure": toolText, "gitstatus": toolText, "recentedits": toolText,
	"userinfo": toolText, "userinstructions": toolText, "userrules": toolText, "userrule": toolText, "implicitrules": toolText, "custominstructions": toolText,
	"explicitinstructions": toolText, "projectinstructions": toolText, "repositoryinstructions": toolText, "alwaysappliedworkspacerules": toolText,
	"agentskills": toolText, "availableskills": toolText, "manuallyattachedskills": toolText, "mcpinstructions": toolText, "toolinstructions": toolText,
	"additionaldata": toolText, "additionalmetadata": toolText, "commandname": toolText, "commandmessage": toolText,
	"localcommandstdout": toolText, "localcommandstderr": toolText, "localcommandcaveat": toolText, "bashinput": toolText, "bashstdout": toolText, "bashstderr": toolText,
	"commandoutput": toolText, "terminaloutput": toolText, "toolresult": toolText, "toolresults": toolText, "tooloutput": toolText, "tooluseerror": toolText,
	"toolresponse": toolText, "toolcall": toolText, "functionresult": toolText, "functionresults": toolText, "functionresponse": toolText, "persistedoutput": toolText,
	"userpromptsubmithook": toolText, "sessionstarthook": toolText, "tasknotification": toolText, "todolist": toolText, "conversationsummary": toolText,
	"memories": toolText, "memory": toolText, "budgettokens": toolText, "tokenusage": toolText, "infomsg": toolText,

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
