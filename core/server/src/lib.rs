//! plugpoint-server
