// Package lang compiles a workspace: a directory of .hcl and .hcl.json files
// becomes a [graph.Graph] and a list of everything that is wrong or doubtful in
// it.
//
// # Phases
//
//	read      the files of the directory                   load.go
//	parse     in chunks, so that errors stay local         chunk.go, syntax.go
//	          or as JSON, into the same syntax tree         json*.go
//	declare   which blocks, variables, locals there are    declare.go
//	input     values of variables, from outside             input.go, variable.go, validation.go
//	evaluate  each expression once, variables first        scope.go, bind.go, eval.go
//	decode    blocks by the schema table into objects      schema*.go, decode.go, kind*.go
//	build     objects into the Graph, defaults filled in   build_*.go
//	check     what only the whole can tell                 check_*.go
//
// No phase stops at an error. What could not be worked out becomes an unknown
// value, which later phases pass over in silence, so that one fault is one
// message.
//
// # Words
//
//   - workspace: the directory, read as one; file names and order mean nothing
//   - courier: what is pulled and from where; courier group: what runs together
//     and when; member: a courier as one group uses it
//   - bridge, process, activation: steps, with one action each (exec, http, sql)
//   - schedule: a cron expression in a zone; tick: one firing of it
//   - range: the half-open stretch of data time that a run reads; offset: how far
//     both its ends are moved back; wait: how long after its start data may come
//   - landing: where pulled data is put; manifest: the list of what landed
//   - gap, fold: local times that do not exist, or occur twice, when clocks change
//   - run-time value: something known only when a run uses it (run, range,
//     response, secret); kept in the Graph as a part of a [graph.Value]
//   - address: the name of a block as a reference writes it
package lang
