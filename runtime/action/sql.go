package action

import (
	"context"
	"fmt"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/database"
	"github.com/waybill-dev/waybill/runtime/value"
)

// SQLCall is one attempt at the statements of a step.
type SQLCall struct {
	SQL       *graph.SQL
	Values    *value.Resolver
	Workspace string
	Store     string // folder of Waybill's own store, which may not be written to
}

// SQL runs the statements of a step in one transaction and says what each has done:
// "INSERT 3 rows, REFRESH MATERIALIZED VIEW". The errors are those of package
// database: with any but Unknown, nothing has been done.
func SQL(ctx context.Context, c SQLCall) (string, error) {
	redactor := c.Values.Secrets.Redactor()
	done, err := c.run(ctx)
	if err != nil {
		return "", redactor.Error(err)
	}
	var said []string
	for _, d := range done {
		switch d.Rows {
		case -1:
			said = append(said, d.Command)
		case 1:
			said = append(said, d.Command+" 1 row")
		default:
			said = append(said, fmt.Sprintf("%s %d rows", d.Command, d.Rows))
		}
	}
	if len(said) > maxSaid {
		said = append(said[:maxSaid], fmt.Sprintf("and %d more", len(said)-maxSaid))
	}
	return strings.Join(said, ", "), nil
}

// maxSaid is how many statements are told of in the message of a step.
const maxSaid = 20

func (c SQLCall) run(ctx context.Context) ([]database.Done, error) {
	var list []database.Statement
	for i, s := range c.SQL.Statements {
		params, err := c.Values.Parameters(s)
		if err != nil {
			return nil, fmt.Errorf("statement %d: %w", i+1, err)
		}
		name := "the statement"
		if len(c.SQL.Statements) > 1 {
			name = fmt.Sprintf("statement %d", i+1)
		}
		list = append(list, database.Statement{Name: name, SQL: s, Params: params})
	}
	db, err := database.Dial(ctx, c.SQL.DSN, c.Values, database.Access{Workspace: c.Workspace, Store: c.Store})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return db.Apply(ctx, list)
}
