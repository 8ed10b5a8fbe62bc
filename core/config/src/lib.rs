//! plugpoint-config
