//! plugpoint-store
