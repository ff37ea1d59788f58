# env WAYBILL_VAR_one=environment
# env WAYBILL_VAR_two=environment
# env WAYBILL_VAR_three=environment
# env WAYBILL_VAR_four=environment
# env WAYBILL_VAR_five=environment
# env WAYBILL_VAR_six=environment
# env WAYBILL_VAR_nobody=environment
# --var five=first
# --var-file given.hclvars
# --var six=last
# DESCRIPTION default environment main main-json a b given last
variable "none" { default = "default" }
variable "one" { default = "default" }
variable "two" { default = "default" }
variable "json" { default = "default" }
variable "three" { default = "default" }
variable "four" { default = "default" }
variable "five" { default = "default" }
variable "six" { default = "default" }

courier "c" {
  filedrop { url = "inbox" }
  file "x" { pattern = "x-{yyyy}-{MM}-{dd}.csv" }
}

courier_group "daily" {
  schedule    = "0 13 * * *"
  timezone    = "UTC"
  description = "${var.none} ${var.one} ${var.two} ${var.json} ${var.three} ${var.four} ${var.five} ${var.six}"
  courier "c" {
    offset { days = 1 }
  }
}
