# References as values: in conditionals, lists, for expressions; null is absent.
courier "orders" {
  filedrop {
    url      = local.base
    password = var.env == "prod" ? "none" : null
  }

  file "orders" { pattern = "${local.prefix}-{yyyy}{MM}{dd}.csv" }
}

courier "returns" {
  filedrop { url = "${local.base}/returns" }

  file "returns" { pattern = format("%s-{yyyy}{MM}{dd}.csv", "returns") }
}

process "stitch" {
  exec {
    command     = concat(["./stitch.sh"], [for n in ["a", "b"] : "--${n}"])
    environment = { for k, v in var.labels : upper(k) => v }
  }
}

process "report" {
  after = [for p in [process.stitch, null] : p if p != null]

  http {
    url  = "https://example.com/${run.id}?from=${formatdate("YYYY-MM-DD", run.range_start)}"
    json = { run = run.id, at = "at ${run.started_at}", n = 1, list = [true, null] }

    poll {
      url     = "https://example.com/${response.json.jobs[0].id}"
      done    = !contains(["RUNNING", "QUEUED"], response.json.state) || response.status >= 400
      success = response.json.ok
    }
  }
}

courier_group "daily" {
  schedule    = "0 13 * * *"
  couriers    = var.env == "prod" ? [courier.orders, courier.returns] : [courier.orders]
  processes   = [for p in local.processes : p]
  active      = var.env == "prod"
  description = <<-EOT
    Orders of ${title(var.env)},
    every day
  EOT

  courier "again" {
    use = var.env == "prod" ? courier.returns : courier.orders
    wait { hours = max(1, local.hours) }
  }
}
