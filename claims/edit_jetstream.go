package claims

import (
	"errors"
	"fmt"
	"maps"

	"github.com/nats-io/jwt/v2"
)

// GlobalTier is the number of the limits that hold for all streams of an account
// together. Tier N above it limits the streams with N replicas. An account has
// either the global tier or others.
const GlobalTier = 0

// JetStreamEdit changes the JetStream limits of an account. Enable, Disable and
// RemoveTier each exclude all other fields.
type JetStreamEdit struct {
	// Tiers sets single limits. A new tier starts without storage and with
	// everything else unlimited.
	Tiers []TierEdit `json:"tiers,omitempty"`
	// Enable lifts the limits on the storage of a tier that has no storage.
	Enable *int `json:"enable,omitempty"`
	// RemoveTier removes a tier.
	RemoveTier *int `json:"remove_tier,omitempty"`
	// Disable removes all tiers.
	Disable bool `json:"disable,omitempty"`
}

// TierEdit changes the limits of one tier; sizes are in bytes, -1 means unlimited.
type TierEdit struct {
	Tier             int    `json:"tier"`
	MemStorage       *int64 `json:"mem_storage,omitempty"`
	DiskStorage      *int64 `json:"disk_storage,omitempty"`
	Streams          *int64 `json:"streams,omitempty"`
	Consumers        *int64 `json:"consumers,omitempty"`
	MaxMemStream     *int64 `json:"max_mem_stream,omitempty"`
	MaxDiskStream    *int64 `json:"max_disk_stream,omitempty"`
	MaxAckPending    *int64 `json:"max_ack_pending,omitempty"`
	MaxBytesRequired *bool  `json:"max_bytes_required,omitempty"`
}

// Empty reports whether the edit changes nothing.
func (e TierEdit) Empty() bool {
	return e == TierEdit{Tier: e.Tier}
}

// Empty reports whether the edit changes nothing.
func (e JetStreamEdit) Empty() bool {
	return !e.setsLimits() && e.Enable == nil && e.RemoveTier == nil && !e.Disable
}

// Enables reports whether the edit may grant storage, which the system account
// must not have.
func (e JetStreamEdit) Enables() bool {
	for _, t := range e.Tiers {
		if grants(t.MemStorage) || grants(t.DiskStorage) {
			return true
		}
	}
	return e.Enable != nil
}

func grants(storage *int64) bool {
	return storage != nil && *storage != 0
}

func (e JetStreamEdit) setsLimits() bool {
	for _, t := range e.Tiers {
		if !t.Empty() {
			return true
		}
	}
	return false
}

func (e JetStreamEdit) apply(l *jwt.OperatorLimits) error {
	kinds := 0
	for _, wanted := range []bool{e.setsLimits(), e.Enable != nil, e.RemoveTier != nil, e.Disable} {
		if wanted {
			kinds++
		}
	}
	if kinds > 1 {
		return errors.New("JetStream: enabling, disabling, removing a tier and setting limits exclude each other")
	}
	l.JetStreamTieredLimits = maps.Clone(l.JetStreamTieredLimits)
	switch {
	case e.Disable:
		l.JetStreamLimits, l.JetStreamTieredLimits = jwt.JetStreamLimits{}, nil
		return nil
	case e.RemoveTier != nil:
		return removeTier(l, *e.RemoveTier)
	case e.Enable != nil:
		return enableTier(l, *e.Enable)
	}
	var errs []error
	for _, t := range e.Tiers {
		if !t.Empty() {
			errs = append(errs, t.apply(l))
		}
	}
	return errors.Join(errs...)
}

func (e TierEdit) apply(l *jwt.OperatorLimits) error {
	t, err := tier(l, e.Tier)
	if err != nil {
		return err
	}
	set(&t.MaxBytesRequired, e.MaxBytesRequired)
	err = errors.Join(
		setLimit("mem_storage", &t.MemoryStorage, e.MemStorage),
		setLimit("disk_storage", &t.DiskStorage, e.DiskStorage),
		setLimit("streams", &t.Streams, e.Streams),
		setLimit("consumers", &t.Consumer, e.Consumers),
		setLimit("max_mem_stream", &t.MemoryMaxStreamBytes, e.MaxMemStream),
		setLimit("max_disk_stream", &t.DiskMaxStreamBytes, e.MaxDiskStream),
		setLimit("max_ack_pending", &t.MaxAckPending, e.MaxAckPending),
	)
	if err == nil {
		putTier(l, e.Tier, t)
	}
	return err
}

func enableTier(l *jwt.OperatorLimits, n int) error {
	t, err := tier(l, n)
	if err != nil {
		return err
	}
	if hasStorage(t) {
		return fmt.Errorf("JetStream tier %q: is already enabled", tierName(n))
	}
	t.MemoryStorage, t.DiskStorage = jwt.NoLimit, jwt.NoLimit
	putTier(l, n, t)
	return nil
}

func removeTier(l *jwt.OperatorLimits, n int) error {
	_, exists := l.JetStreamTieredLimits[tierName(n)]
	switch {
	case n == GlobalTier && l.JetStreamLimits != jwt.JetStreamLimits{}:
		l.JetStreamLimits = jwt.JetStreamLimits{}
	case n != GlobalTier && exists:
		delete(l.JetStreamTieredLimits, tierName(n))
	default:
		return fmt.Errorf("JetStream tier %q: %w", tierName(n), ErrAbsent)
	}
	return nil
}

// Limits of JetStream are those of the account as a whole, or of tiers: to have the
// one kind, the other has to be removed first.
var (
	ErrGlobalLimits = errors.New("JetStream: the account has global limits, which exclude tiers")
	ErrTiers        = errors.New("JetStream: the account has tiers, which exclude global limits")
)

// tier returns the limits of tier n, or those that a new one starts with. It
// refuses a tier that may not stand beside those that exist. Global limits
// without storage do not count: nsc leaves such behind on accounts that never
// had JetStream.
func tier(l *jwt.OperatorLimits, n int) (jwt.JetStreamLimits, error) {
	none := jwt.JetStreamLimits{
		Streams:              jwt.NoLimit,
		Consumer:             jwt.NoLimit,
		MaxAckPending:        jwt.NoLimit,
		MemoryMaxStreamBytes: jwt.NoLimit,
		DiskMaxStreamBytes:   jwt.NoLimit,
	}
	switch {
	case n < GlobalTier:
		return none, fmt.Errorf("JetStream tier %d: is negative", n)
	case n == GlobalTier && len(l.JetStreamTieredLimits) > 0:
		return none, ErrTiers
	case n != GlobalTier && hasStorage(l.JetStreamLimits):
		return none, ErrGlobalLimits
	case n == GlobalTier && l.JetStreamLimits != jwt.JetStreamLimits{}:
		return l.JetStreamLimits, nil
	}
	if t, ok := l.JetStreamTieredLimits[tierName(n)]; ok {
		return t, nil
	}
	return none, nil
}

func putTier(l *jwt.OperatorLimits, n int, t jwt.JetStreamLimits) {
	if n == GlobalTier {
		l.JetStreamLimits = t
		return
	}
	l.JetStreamLimits = jwt.JetStreamLimits{}
	if l.JetStreamTieredLimits == nil {
		l.JetStreamTieredLimits = jwt.JetStreamTieredLimits{}
	}
	l.JetStreamTieredLimits[tierName(n)] = t
}

func hasStorage(l jwt.JetStreamLimits) bool {
	return l.MemoryStorage != 0 || l.DiskStorage != 0
}

// tierName returns the key of tier n in tiered limits.
func tierName(n int) string {
	if n == GlobalTier {
		return "global"
	}
	return fmt.Sprintf("R%d", n)
}
