# --var-file words.json
# --var-file numbers.json
# --var-file quotes.json
variable "token" {
  type      = string
  sensitive = true
  default   = ""
}

courier_group "daily" {
  schedule  = "0 13 * * *"
  processes = [process.p]
}

process "p" {
  exec { command = [length(var.token) > 0 ? "true" : "false"] } # ERROR WB728
}
