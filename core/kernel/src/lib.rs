//! plugpoint-kernel
