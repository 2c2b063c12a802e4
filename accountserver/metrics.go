package accountserver

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// meters count what the server does, in the format of Prometheus.
type meters struct {
	set      *metrics.Set
	duration *metrics.PrometheusHistogram
	changes  *metrics.Counter // tokens that were found changed, or taken
	notices  *metrics.Counter // accounts told to nats-servers
}

func newMeters(s *Server) *meters {
	set := metrics.NewSet()
	set.NewGauge("nkeep_accounts", func() float64 { return float64(s.book.size()) })
	set.NewGauge("nkeep_remembered_bytes", func() float64 { return float64(s.book.remembered()) })
	if certs := s.o.Certificates; certs != nil {
		set.NewGauge("nkeep_certificate_expires_timestamp_seconds", func() float64 { return float64(certs.expires().Unix()) })
	}
	return &meters{
		set:      set,
		duration: set.NewPrometheusHistogram("nkeep_http_request_duration_seconds"),
		changes:  set.NewCounter("nkeep_account_changes_total"),
		notices:  set.NewCounter("nkeep_server_notices_total"),
	}
}

// counted counts the requests of one route by their status.
func (s *Server) counted(route string, next http.HandlerFunc) http.Handler {
	var counters sync.Map // by status
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := s.o.Now()
		answer := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next(answer, r)
		counter, ok := counters.Load(answer.status)
		if !ok {
			counter = s.metrics.set.GetOrCreateCounter(fmt.Sprintf("nkeep_http_requests_total{route=%q,code=\"%d\"}", route, answer.status))
			counters.Store(answer.status, counter)
		}
		counter.(*metrics.Counter).Inc()
		took := s.o.Now().Sub(begun)
		s.metrics.duration.Update(took.Seconds())
		s.logRequest(r, answer.status, took)
	})
}

func (s *Server) logRequest(r *http.Request, status int, took time.Duration) {
	if s.debug {
		s.log.Debug("request", "method", r.Method, "path", r.URL.Path, "status", status, "took", took, "from", r.RemoteAddr)
	}
}

func (s *Server) getMetrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	s.metrics.set.WritePrometheus(w)
	metrics.WriteProcessMetrics(w)
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements [http.ResponseWriter].
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for [http.ResponseController].
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
