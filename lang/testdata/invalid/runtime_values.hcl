secret "token" { env = "TOKEN" }

courier "orders" {
  filedrop { url = "drop/${run.id}" } # ERROR WB723
  file "orders" { pattern = "orders-${range.start}.csv" } # ERROR WB723
}

courier "legacy" {
  exec {
    command = [
      "fetch",
      upper(run.id), # ERROR WB726
      run.dats, # ERROR WB724
      run.id.x, # ERROR WB724
      run, # ERROR WB724
      run.id == "x" ? "a" : "b", # ERROR WB726
      formatdate("YYYY", run.id), # ERROR WB726
      secret.token, # ERROR WB725
      run.landing, # ERROR WB723
      response.json.id, # ERROR WB723
    ]
    environment = { TOKEN = secret.tokn } # ERROR WB710
  }
}

courier "profiles" {
  warehouse {
    dsn   = secret.token
    query = "select * from t where day >= '${range.start}'" # ERROR WB727
  }
}

bridge "lake" {
  exec { command = ["sync", run.landing] } # ERROR WB723
}

process "stitch" {
  timeout = run.id # ERROR WB723
  exec { command = ["stitch", range.start] } # ERROR WB723
}

process "report" {
  sql {
    dsn        = secret.token
    statements = ["delete from t", "insert into t values (\"${run.id}\")"] # ERROR WB727
  }
}

activation "campaign" "send" {
  http {
    url = "https://example.com/${formatdate("YYYY-MM-DD", run.scheduled_at)}"
    json = {
      run        = run.id
      (run.id)   = 1 # ERROR WB726
    }
    poll {
      url     = "https://example.com/${response.json.jobs[0].id}"
      done    = upper(response.json.state) == "DONE" # ERROR WB726
      success = response.jsn.state == "DONE" # ERROR WB724
    }
  }
}

activation "campaign" "again" {
  http {
    url = "https://example.com/${formatdate("BBBB", run.started_at)}" # ERROR WB715
    poll {
      url     = "https://example.com"
      done    = true # ERROR WB730
      success = length([response.json.state]) # ERROR WB730
    }
  }
}

courier_group "daily" {
  description = "run ${run.id} with ${secret.token}" # ERROR WB723 ERROR WB725
  schedule    = "0 13 * * *"
  couriers    = [courier.orders, courier.legacy, courier.profiles]
  processes   = [process.stitch, process.report]
  activations = [activation.campaign.send, activation.campaign.again]
}

courier_group "lake" {
  schedule = "0 4 * * *"
  bridge "lake" {}
}
