//! plugpoint-testkit
