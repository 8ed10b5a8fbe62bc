//! plugpoint-plugin-soap
