waybill {
  required_version = ">= 0.1"
  landing          = "landing"                 # folder or URL; default of all couriers
  max_per_host     = 4                         # couriers at one host of sources at once

  runtime {                                    # url unset: the local store in path
    path = ".waybill"
    url   = var.env == "prod" ? "https://waybill.example.com" : null
    token = secret.waybill_token
  }

  defaults {                                   # of all groups: timezone, alerts, dst, overlap, catch_up, file_dates, and what a group's defaults take
    alerts = [alert.slack.data_ops]
  }

  heartbeat {
    url   = "https://hc.example.com/ping/waybill"
    every = "5m"
  }
}

variable "env" {
  type    = string
  default = "dev"
}

variable "partner_zone" {
  type    = string
  default = "America/Los_Angeles"
}

locals {
  partner_wait_hours = 2
}

# A secret is a reference, never a value in plan, store or log.
secret "waybill_token" { env = "WAYBILL_TOKEN" }
secret "slack_hook"    { env = "SLACK_WEBHOOK_URL" }
secret "crm_token"     { env = "CRM_TOKEN" }
secret "sftp_key"      { file = "/run/secrets/sftp_key" }
secret "warehouse_dsn" {
  exec {
    command     = ["vault", "kv", "get", "-field=dsn", "secret/warehouse"]
    environment = { VAULT_ADDR = "https://vault.example.com" }
    ttl         = "1m"
  }
}

alert "slack" "data_ops" {
  webhook = secret.slack_hook
  on      = ["failed", "missing", "late", "slow", "sla_missed", "not_started"] # also: succeeded, stopped, blocked, held, source_error, misconfigured

  quiet {
    from     = "20:00"
    until    = "07:00"
    timezone = "Europe/London"
    except   = ["failed"]
  }
}

alert "email" "owners" {
  smtp = "smtp://mail.example.com:587"
  from = "waybill@example.com"
  to   = ["data@example.com"]
  on   = ["failed", "succeeded"]
}

# What is pulled, and from where. Exactly one source: filedrop, rest_api, warehouse or exec.
courier "orders" {
  filedrop {
    url = "s3://acme-drop/orders?region=us-east-1" # a folder, or file:// s3:// gs:// azblob:// sftp://
  }

  file "orders" {
    pattern = "{yyyy}/{MM}/{dd}/orders-*.csv.gz"
    days    = ["mon", "tue", "wed", "thu", "fri"] # dates not listed are not expected, but taken if there
    except  = ["2026-12-25"]
  }

  file "returns" {
    pattern  = "{yyyy}/{MM}/{dd}/returns.csv"
    optional = true
  }

  ready {
    stable_for  = "30s"
    min_size    = "1kB"
    done_marker = "{file}.done"                 # or a pattern
    manifest    = "{yyyy}/{MM}/{dd}/SHA256SUMS" # or named after {file}
  }
}

courier "partner" {
  filedrop {
    url         = "sftp://feeds@sftp.example.com/outbox"
    private_key = secret.sftp_key
    host_key    = "ssh-ed25519 AAAA…"
  }

  file "catalog" {
    pattern = "catalog-{yyyy}{MM}{dd}.csv"
    require = "any" # each (default): every expected date; any: at least one
  }
}

courier "crm" {
  rest_api {
    url           = "https://crm.example.com/export?from=${range.start}&to=${range.end}"
    bearer_token  = secret.crm_token
    ignores_range = true # full load each time: the range is shown as ignored
    records       = "data"

    not_ready_status = [404]

    paging {
      cursor {
        from      = "last_record"
        path      = "id"
        parameter = "starting_after"
        more      = "has_more"
      }
    }
  }
}

courier "profiles" {
  warehouse {
    dsn    = secret.warehouse_dsn
    query  = "select * from profiles where updated_at >= ${range.start} and updated_at < ${range.end}" # bound, not pasted
    format = "csv"
  }
}

courier "legacy" {
  exec { # writes into $WAYBILL_LANDING; exit 0 = landed, 75 = not ready, else an error
    command     = ["fetch.sh", formatdate("YYYYMMDD", range.start)]
    environment = { FTP_PASSWORD = secret.crm_token }
  }
}

bridge "lakehouse" {
  direction = "inbound" # the only one that a group may run
  timeout   = "3h"

  http {
    method = "POST"
    url    = "https://lake.example.com/shares/sync"
    headers = {
      Authorization = "Bearer ${secret.crm_token}"
    }

    poll {
      url     = "https://lake.example.com/jobs/${response.json.job_id}"
      every   = "30s"
      done    = response.json.state != "RUNNING"
      success = response.json.state == "DONE"
    }
  }
}

# Downstream processes, such as Stitch and database generation. They run after the barrier.
process "stitch" {
  exec { command = ["./stitch.sh", run.landing] }

  retry {
    attempts = 3
    backoff  = "1m"
  }
}

process "customer360" {
  after = [process.stitch]

  sql {
    dsn        = secret.warehouse_dsn
    statements = ["refresh materialized view customer360"]
  }
}

activation "orchestration" "braze" {
  require_complete = true
  http { url = "https://api.example.com/braze/send" } # method defaults to POST
}

activation "campaign" "winback" {
  on_unknown = "hold" # default for activations: after a crash in mid-request, ask
  exec {
    command     = ["./send.sh", "winback"]
    working_dir = "./campaigns/"
  }
}

activation "profile_api" "index" {
  after = [activation.orchestration.braze]
  http { url = "https://api.example.com/profiles/reindex" }
}

courier_group "daily" {
  description = "Everything the morning dashboards need"
  schedule    = "0 13 * * *"
  timezone    = var.partner_zone # default UTC
  active      = true
  run_type    = "full"     # full (default) | refresh | source
  file_dates  = "schedule" # utc (default) | schedule | an IANA zone: whose calendar the file names follow

  dst {
    gap  = "next_valid"
    fold = "first"
  }

  defaults { # of the couriers below; an inner block replaces the whole outer block
    wait   { minutes = 30 }
    offset { days = 1 }
  }

  courier "orders" {
    wait           { hours = local.partner_wait_hours } # until when data may arrive
    offset         { hours = 24 }                       # how far both ends of the range move back
    on_missing     = "stop"                             # stop (default) | continue
    notify_missing = true                               # default
  }

  courier "feed" { use = courier.partner } # the label is the member's name; without `use` it is also the reference
  couriers = [courier.crm, courier.profiles, courier.legacy] # the short form, with the group's defaults

  processes   = [process.stitch, process.customer360]
  activations = [activation.orchestration.braze, activation.campaign.winback, activation.profile_api.index]

  after "lake" { # constraint: that group must have done its newest tick at or before this one
    group      = courier_group.lakehouse
    wait       { hours = 3 }
    on_missing = "stop"
    gate       = "downstream" # downstream (default: couriers load meanwhile) | start
  }

  past_day_only    = false
  expected_runtime = "45m"
  runtime_alert    { exceeds = "4h" }
  sla              { complete_within = "6h" } # from the scheduled time
  overlap          = "buffer_one"             # buffer_one | buffer_all | skip | cancel_other
  catch_up         = "coalesce"               # coalesce | each | skip
  max_range        = "31d"
  start_from       = "2026-12-01T00:00:00Z"
  alerts           = [alert.slack.data_ops, alert.email.owners]
  accept           = ["WB314"]
}

courier_group "lakehouse" { # a bridge belongs in a group of its own
  schedule = "0 4 * * *"
  bridge "lakehouse" {}
}
