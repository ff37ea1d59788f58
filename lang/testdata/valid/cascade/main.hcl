# What is written nearer goes before; a block replaces the outer one whole.
waybill {
  landing        = "/srv/landing"
  max_concurrent = 8

  defaults {
    timezone       = "Europe/Berlin"
    file_dates     = "schedule"
    overlap        = "skip"
    catch_up       = "each"
    on_missing     = "continue"
    notify_missing = false
    alerts         = [alert.webhook.pager]

    dst {
      gap  = "shift"
      fold = "both"
    }

    wait { minutes = 10 }
    offset {
      days  = 1
      hours = 2
    }
  }
}

alert "webhook" "pager" {
  webhook = "https://pager.example.com"
  on      = ["failed"]
}

courier "orders" {
  landing = "elsewhere/"
  filedrop { url = "/srv/drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
  file "again" {
    pattern = "again-*.csv"
    days    = ["sun", "mon", "sun"]
  }
  ready { stable_for = "0s" }
}

courier "bucket" {
  filedrop { url = "gs://acme/drop" }
  file "bucket" { pattern = "bucket-{yyyy}{MM}{dd}.csv" }
}

courier_group "inherits" {
  schedule = "0 6 * * *"
  couriers = [courier.orders, courier.orders]
}

courier_group "replaces" {
  schedule   = "@daily"
  timezone   = "UTC"
  file_dates = "America/New_York"
  overlap    = "buffer_all"
  catch_up   = "skip"
  alerts     = []
  active     = false

  dst { class = "fixed" }

  defaults {
    on_missing     = "stop"
    notify_missing = true
    wait { hours = 1 }
  }

  courier "bucket" {
    on_missing = "continue"
    offset { months = 1 }
  }

  courier "other" {
    use = courier.bucket
    wait { seconds = 0 }
  }
}
