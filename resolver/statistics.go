package resolver

import (
	"encoding/json"
	"time"
)

// Statistics are what a server has to do.
type Statistics struct {
	Server
	RTT              time.Duration `json:"rtt_ns"` // from the question to the answer, in nanoseconds
	Start            time.Time     `json:"start"`
	Now              time.Time     `json:"now"` // by the server's clock
	CPU              float64       `json:"cpu"` // percent of one core
	Cores            int           `json:"cores"`
	Memory           int64         `json:"memory"` // bytes
	Connections      int           `json:"connections"`
	TotalConnections uint64        `json:"total_connections"` // since the start
	ActiveAccounts   int           `json:"active_accounts"`
	ActiveServers    int           `json:"active_servers"` // that it knows of, itself included
	Subscriptions    uint32        `json:"subscriptions"`
	Sent             Traffic       `json:"sent"`
	Received         Traffic       `json:"received"`
	SlowConsumers    int64         `json:"slow_consumers"`
}

// Traffic is how much has passed since the start.
type Traffic struct {
	Messages int64 `json:"messages"`
	Bytes    int64 `json:"bytes"`
}

// traffic is Traffic in the server's own spelling.
type traffic struct {
	Messages int64 `json:"msgs"`
	Bytes    int64 `json:"bytes"`
}

// decodeStatistics reads a server's statistics; it takes only what a named server
// said.
func decodeStatistics(data []byte) (Statistics, bool) {
	var told struct {
		Server serverInfo `json:"server"`
		Statsz *struct {
			Start            time.Time `json:"start"`
			CPU              float64   `json:"cpu"`
			Cores            int       `json:"cores"`
			Memory           int64     `json:"mem"`
			Connections      int       `json:"connections"`
			TotalConnections uint64    `json:"total_connections"`
			ActiveAccounts   int       `json:"active_accounts"`
			ActiveServers    int       `json:"active_servers"`
			Subscriptions    uint32    `json:"subscriptions"`
			Sent             traffic   `json:"sent"`
			Received         traffic   `json:"received"`
			SlowConsumers    int64     `json:"slow_consumers"`
		} `json:"statsz"`
	}
	if len(data) > maxReply || json.Unmarshal(data, &told) != nil || told.Statsz == nil || told.Server.ID == "" || told.Server.Name == "" {
		return Statistics{}, false
	}
	z := told.Statsz
	return Statistics{
		Server: told.Server.server(), Start: z.Start, Now: told.Server.Time,
		CPU: z.CPU, Cores: z.Cores, Memory: z.Memory,
		Connections: z.Connections, TotalConnections: z.TotalConnections,
		ActiveAccounts: z.ActiveAccounts, ActiveServers: z.ActiveServers, Subscriptions: z.Subscriptions,
		Sent: Traffic(z.Sent), Received: Traffic(z.Received), SlowConsumers: z.SlowConsumers,
	}, true
}
