//! plugpoint-plugin-catalog
