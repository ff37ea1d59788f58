module github.com/waybill-dev/waybill/lang/cron/peers

go 1.26.0

replace github.com/waybill-dev/waybill => ../../..

require (
	github.com/adhocore/gronx v1.20.4
	github.com/robfig/cron/v3 v3.0.1
	github.com/waybill-dev/waybill v0.0.0-00010101000000-000000000000
)
