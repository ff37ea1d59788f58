# Whom Waybill tells when something goes wrong, and what can be done about it then.
#
# The orders of a day must be there, and complete by 09:00; the returns may be missing.
# The report waits for the orders of the other group.
#
#   waybill alert test                  does the pager answer?
#   waybill incidents                   what is wrong now, since when
#   waybill why orders                  why, and which commands help
#   waybill ignore-missing orders       the file will never come: go on without it
#   waybill skip orders process.load    --reason '…': it counts as done
#   waybill retry orders                it is mended: try again
#
# A test does all of it: TestOnCall in cmd/waybill.

waybill {
  landing = "landing"

  defaults {
    alerts = [alert.webhook.pager, alert.email.owners]
  }
}

secret "pager" { file = "pager.url" }
secret "smtp" { env = "SMTP_PASSWORD" }

# Whoever is on call hears of what needs somebody now, by day and night.
alert "webhook" "pager" {
  on      = ["failed", "missing", "held", "blocked", "not_started", "misconfigured"]
  webhook = secret.pager
}

# The owners of the data hear of what is late or slow, too, in the morning.
alert "email" "owners" {
  on       = ["late", "slow", "sla_missed", "failed", "missing", "source_error"]
  smtp     = "smtp://mail.example.com:587"
  from     = "Waybill <waybill@example.com>"
  to       = ["data@example.com"]
  username = "waybill"
  password = secret.smtp

  quiet {
    from     = "19:00"
    until    = "07:30"
    timezone = "Europe/Berlin"
    except   = ["sla_missed"]
  }
}

courier "orders" {
  filedrop {
    url = "inbox/orders"
  }

  file "orders" {
    pattern = "orders-{yyyy}-{MM}-{dd}.csv"
  }

  ready {
    stable_for = "0s"
  }
}

courier "returns" {
  filedrop {
    url = "inbox/returns"
  }

  file "returns" {
    pattern = "returns-{yyyy}-{MM}-{dd}.csv"
  }

  ready {
    stable_for = "0s"
  }
}

courier "prices" {
  filedrop {
    url = "inbox/prices"
  }

  file "prices" {
    pattern = "prices-{yyyy}-{MM}-{dd}.csv"
  }

  ready {
    stable_for = "0s"
  }
}

process "load" {
  exec { command = ["./load.sh", run.landing] }

  retry {
    attempts = 1
  }
}

process "report" {
  exec { command = ["./load.sh", run.landing] }
}

courier_group "orders" {
  description = "Yesterday's orders, complete by nine"
  schedule    = "0 6 * * *"
  timezone    = "Europe/Berlin"
  file_dates  = "schedule"

  dst {
    gap  = "next_valid"
    fold = "first"
  }

  courier "orders" {
    offset { days = 1 }
    wait { hours = 2 }
  }

  courier "returns" {
    offset { days = 1 }
    wait { hours = 1 }
    on_missing = "continue"
  }

  sla { complete_within = "3h" }
  runtime_alert { exceeds = "2h30m" }
  processes = [process.load]
}

courier_group "report" {
  description = "The report, when the orders are done"
  schedule    = "30 8 * * *"
  timezone    = "Europe/Berlin"
  file_dates  = "schedule"

  dst {
    gap  = "next_valid"
    fold = "first"
  }

  after "orders" {
    group = courier_group.orders
    wait { hours = 3 }
  }

  courier "prices" {
    offset { days = 1 }
  }

  processes = [process.report]
}
