package render

import (
	"github.com/nats-io/jwt/v2"
)

// jetStreamTable writes the JetStream limits of an account: a column for each tier, or one for all storage.
func jetStreamTable(t *Text, l *jwt.OperatorLimits) {
	if !l.IsJSEnabled() {
		return
	}
	columns, limits := []Column{{Name: "Limit"}}, []jwt.JetStreamLimits{}
	if len(l.JetStreamTieredLimits) == 0 {
		columns, limits = append(columns, Column{Name: "All Tiers"}), append(limits, l.JetStreamLimits)
	}
	for _, tier := range sortedKeys(l.JetStreamTieredLimits) {
		columns, limits = append(columns, Column{Name: tier}), append(limits, l.JetStreamTieredLimits[tier])
	}
	table := Table{Title: "JetStream Limits", Columns: columns}
	row := func(name string, cell func(jwt.JetStreamLimits) string) {
		cells := []string{name}
		for _, l := range limits {
			cells = append(cells, cell(l))
		}
		table.Add(cells...)
	}
	row(labelMaxMemory, func(l jwt.JetStreamLimits) string { return storage(l.MemoryStorage) })
	row(labelMaxDisk, func(l jwt.JetStreamLimits) string { return storage(l.DiskStorage) })
	row(labelMaxStreams, func(l jwt.JetStreamLimits) string { return count(positive(l.Streams)) })
	row(labelMaxConsumers, func(l jwt.JetStreamLimits) string { return count(positive(l.Consumer)) })
	row(labelMaxAckPending, func(l jwt.JetStreamLimits) string { return count(positive(l.MaxAckPending)) })
	row(labelMaxMemoryStream, func(l jwt.JetStreamLimits) string { return size(positive(l.MemoryMaxStreamBytes)) })
	row(labelMaxDiskStream, func(l jwt.JetStreamLimits) string { return size(positive(l.DiskMaxStreamBytes)) })
	row(labelMaxBytesRequired, func(l jwt.JetStreamLimits) string { return yesNo(l.MaxBytesRequired) })
	t.Table(table)
}

// storage shows a storage limit in bytes; none at all means that this kind of storage is off.
func storage(n int64) string {
	if n == 0 {
		return "Disabled"
	}
	return size(n)
}

// positive maps 0 to no limit, which is how the server reads the JetStream limits other than storage.
func positive(n int64) int64 {
	if n == 0 {
		return jwt.NoLimit
	}
	return n
}
