//! plugpoint-http
