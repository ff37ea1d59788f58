# Orders and customers out of PostgreSQL, the tills of the shops out of SQLite,
# and a report in PostgreSQL that is brought up to date when all of it has landed.
#
#   echo 'postgres://waybill:…@db.example.com/sales' > secrets/warehouse_dsn
#   waybill apply && waybill run daily --date 2026-11-20

waybill {
  landing = "landing"
}

variable "tills" {
  type    = string
  default = "sqlite:tills.db"
}

secret "warehouse_dsn" { file = "secrets/warehouse_dsn" }

# What changed in the range of the run. Both ends are bound as instants.
courier "orders" {
  warehouse {
    dsn   = secret.warehouse_dsn
    query = <<-SQL
      select id, customer, paid, updated_at
      from orders
      where updated_at >= ${range.start} and updated_at < ${range.end}
      order by id
    SQL
  }
}

# A column of dates, compared with a date, and lists that stay lists in JSON.
courier "customers" {
  warehouse {
    dsn    = secret.warehouse_dsn
    query  = "select id, name, tags from customers where joined >= ${formatdate("YYYY-MM-DD", range.start)} and joined < ${formatdate("YYYY-MM-DD", range.end)} order by id"
    format = "jsonl"
  }
}

# SQLite has no type for instants: they are text in UTC, 2026-11-20T05:00:00Z.
courier "tills" {
  warehouse {
    dsn   = var.tills
    query = "select id, shop, total from receipts where at >= ${range.start} and at < ${range.end} order by id"
    null  = "NULL"
  }
}

# All in one transaction. The first statement makes a repetition harmless.
process "report" {
  timeout = "30m"

  sql {
    dsn = secret.warehouse_dsn
    statements = [
      "insert into loads (run, from_time, to_time) values (${run.id}, ${run.range_start}, ${run.range_end}) on conflict (run) do nothing",
      "refresh materialized view revenue",
    ]
  }
}

courier_group "daily" {
  description = "What has changed since the morning before"
  schedule    = "0 6 * * *"
  timezone    = "America/New_York"
  file_dates  = "schedule" # a date or a time without zone in the database is New York's

  dst {
    gap  = "next_valid"
    fold = "first"
  }

  couriers  = [courier.orders, courier.customers, courier.tills]
  processes = [process.report]
}
