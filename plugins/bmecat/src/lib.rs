//! plugpoint-plugin-bmecat
