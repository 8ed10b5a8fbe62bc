//! plugpoint-bundle
