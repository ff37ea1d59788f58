secret "pw" { env = "PW" }

courier "mysql" {
  warehouse {
    dsn   = "mysql://host/db" # ERROR WB720
    query = "select 1; select 2" # ERROR WB720
  }
}

courier "nothing" {
  warehouse {
    dsn    = "warehouse" # ERROR WB720
    query  = " -- nothing ; at all" # ERROR WB720
    format = "jsonl"
    null   = "NULL" # ERROR WB720
  }
}

courier "password" {
  warehouse {
    dsn   = "postgres://reader:open@db/sales" # ERROR WB720
    query = "select '${range.start}' from t" # ERROR WB727
    null  = "a,b" # ERROR WB720
  }
}

courier "settings" {
  warehouse {
    dsn   = "host=db user=reader password=open" # ERROR WB720
    query = "select 1 -- since ${range.start}" # ERROR WB727
  }
}

courier "writes" {
  warehouse {
    dsn   = "sqlite://sales.db" # ERROR WB720
    query = "/* all */ Delete from sales returning *" # ERROR WB720
  }
}

courier "with" {
  warehouse {
    dsn   = "sqlite:///srv/sales.db"
    query = "with t as (select 1 as a) select * from t"
  }
}

courier "fine" {
  warehouse {
    dsn   = "postgres://reader:${secret.pw}@db/sales"
    query = <<-SQL
      -- don't take this apostrophe, or this semicolon; for more than a comment
      select E'it\'s; fine', 'a''b;', "odd;name", $tag$ '; $tag$, a$1 /* ; */ from t
      where at >= ${range.start} and at < ${range.end};
    SQL
  }
}

courier "fine_settings" {
  warehouse {
    dsn   = "host=db user=reader password=${secret.pw}"
    query = "(select ${run.id})"
  }
}

process "empty" {
  sql {
    dsn        = "sqlite:app.db"
    statements = [] # ERROR WB720
  }
}

process "transaction" {
  sql {
    dsn = "sqlite:app.db"
    statements = [
      "BEGIN", # ERROR WB720
      "delete from t; delete from u", # ERROR WB720
      "select $$ ${run.id} $$", # ERROR WB727
      "commit;", # ERROR WB720
      "create trigger x after insert on t begin delete from u; delete from v; end",
    ]
  }
}

courier_group "all" {
  couriers = [
    courier.mysql, courier.nothing, courier.password, courier.settings, courier.fine, courier.fine_settings, courier.writes, courier.with,
  ]
  processes = [process.empty, process.transaction]
}
