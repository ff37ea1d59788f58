process "url" {
  exec {
    command     = ["true"]
    working_dir = "s3://bucket/tools" # ERROR WB720
  }
}

process "one_slash" {
  exec {
    command     = ["true"]
    working_dir = "file:/srv/tools" # ERROR WB720
  }
}

process "out" {
  exec {
    command     = ["true"]
    working_dir = "../tools" # ERROR WB720
  }
}

process "empty" {
  exec {
    command     = ["true"]
    working_dir = "" # ERROR WB720
  }
}

process "other_name" {
  exec {
    command = ["true"]
    cwd     = "tools" # ERROR WB703
  }
}

process "other_block" {
  working_dir = "tools" # ERROR WB703

  exec { command = ["true"] }
}

process "run_value" {
  exec {
    command     = ["true"]
    working_dir = run.landing # ERROR WB723
  }
}

courier_group "all" {
  processes = [process.url, process.one_slash, process.out, process.empty, process.other_name, process.other_block, process.run_value]
}
