module outside-countdown

go 1.19
