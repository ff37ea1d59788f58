# What the environment gives, and what it seems to be meant for.
# env WAYBILL_VAR_enviroment=prod
# env WAYBILL_VAR_REGION=eu
# env WAYBILL_VAR_region=us
# env WAYBILL_VAR_unlike=1
# NOWHERE WARNING WB740

variable "environment" { default = "test" }

variable "region" { default = "eu" }

courier "orders" {
  filedrop { url = "${var.environment}/${var.region}" }
  file "orders" { pattern = "orders.csv" }
}

courier_group "daily" {
  couriers = [courier.orders]
}
